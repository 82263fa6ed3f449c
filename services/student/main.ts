import { addCrudRoutes } from '../shared/crud-routes.ts';
import { Dependency } from '../shared/dependency.ts';
import { addHealthRoutes } from '../shared/health-routes.ts';
import { createHttpApp } from '../shared/http-app.ts';
import { runService } from '../shared/run-service.ts';
import { SqliteCollection } from '../shared/sqlite-collection.ts';
import { openDatabase } from '../shared/sqlite-database.ts';
import { duration, httpUrl, integer, path } from '../shared/variables.ts';
import { callerOf } from './caller.ts';
import { classifyGrpcError, SchoolClient } from './school-client.ts';
import { studentPatchSchema, studentSchema } from './student.ts';

await runService({
  name: 'student-service',
  port: 8083,
  variables: {
    /** Unset: students are kept in memory. */
    DATA_DIR: path(),
    SCHOOL_GRPC_URL: httpUrl('http://127.0.0.1:9082'),
    SCHOOL_GRPC_TIMEOUT: duration(2_000, 50, 60_000),
    SCHOOL_GRPC_FAILURE_THRESHOLD: integer(3, 1, 10_000),
    SCHOOL_GRPC_OPEN_TIMEOUT: duration(30_000, 100, 86_400_000),
  },
  async build({ settings, log, lifecycle }) {
    const dependency = new Dependency(
      {
        name: 'school-service-grpc',
        code: 'SCHOOL_SERVICE',
        unavailable: 'school service temporarily unavailable',
        failureThreshold: settings.SCHOOL_GRPC_FAILURE_THRESHOLD,
        openTimeoutMs: settings.SCHOOL_GRPC_OPEN_TIMEOUT,
        timeoutMs: settings.SCHOOL_GRPC_TIMEOUT,
        classify: classifyGrpcError,
      },
      log,
    );
    const schools = new SchoolClient(settings.SCHOOL_GRPC_URL, dependency);
    const database = openDatabase(settings.DATA_DIR, 'student');
    const app = createHttpApp(log, lifecycle);
    addHealthRoutes(app, lifecycle, [dependency.breaker]);
    addCrudRoutes(app, {
      path: '/students',
      kind: 'student',
      schema: studentSchema,
      patchSchema: studentPatchSchema,
      collection: new SqliteCollection(database, 'students', studentSchema),
      // Only a student who comes or moves needs a school that exists now.
      check: async (next, previous, reply) => {
        if (next.school_id === undefined || next.school_id === previous?.school_id) return;
        await schools.requireSchool(next.school_id, callerOf(reply));
      },
    });
    return {
      app,
      close: async () => {
        schools.close();
        database.close();
      },
    };
  },
});
