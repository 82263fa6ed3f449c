import { addCrudRoutes } from '../shared/crud-routes.ts';
import { addHealthRoutes } from '../shared/health-routes.ts';
import { createHttpApp } from '../shared/http-app.ts';
import { runService } from '../shared/run-service.ts';
import { SqliteCollection } from '../shared/sqlite-collection.ts';
import { openDatabase } from '../shared/sqlite-database.ts';
import { integer, path } from '../shared/variables.ts';
import { GrpcServer } from './grpc-server.ts';
import { schoolPatchSchema, schoolSchema } from './school.ts';

await runService({
  name: 'school-service',
  port: 8082,
  variables: {
    /** 0: an ephemeral port, which the log names. */
    GRPC_PORT: integer(9082, 0, 65_535),
    /** Unset: schools are kept in memory. */
    DATA_DIR: path(),
  },
  async build({ settings, log, lifecycle }) {
    const database = openDatabase(settings.DATA_DIR, 'school');
    const collection = new SqliteCollection(database, 'schools', schoolSchema);
    const grpc = new GrpcServer(collection);
    const app = createHttpApp(log, lifecycle);
    addHealthRoutes(app, lifecycle);
    addCrudRoutes(app, {
      path: '/schools',
      kind: 'school',
      schema: schoolSchema,
      patchSchema: schoolPatchSchema,
      collection,
    });
    return {
      app,
      listen: async (host) => ({ grpc_port: await grpc.listen(host, settings.GRPC_PORT) }),
      close: async () => {
        await grpc.close();
        database.close();
      },
    };
  },
});
