import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ServiceError } from './service-error.ts';
import type { SqliteCollection, Stored } from './sqlite-collection.ts';
import { validate } from './validate.ts';

/** Some of the fields of `T`; one that is absent keeps its value. */
type Patch<T> = { [K in keyof T]?: T[K] | undefined };

export interface CrudOptions<T extends object> {
  /** Of the collection, such as `/schools`. */
  readonly path: string;
  /** One thing of it, such as `school`; also makes the code `SCHOOL_NOT_FOUND`. */
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  readonly patchSchema: z.ZodType<Patch<T>>;
  readonly collection: SqliteCollection<T>;
  /**
   * Asked before every write; refuses by throwing.
   * @param next the fields that the write sets
   * @param previous what is stored now; null for a new thing
   * @param reply of the request that wants to write
   */
  readonly check?: (next: Patch<T>, previous: Stored<T> | null, reply: FastifyReply) => Promise<void>;
}

const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

type ById = { Params: { id: string } };

/** List, read, create, replace, change and delete the things of one collection. */
export function addCrudRoutes<T extends object>(app: FastifyInstance, options: CrudOptions<T>): void {
  const { path, kind, collection } = options;
  const byId = `${path}/:id`;

  const found = (id: string, stored: Stored<T> | null): Stored<T> => {
    if (stored) return stored;
    throw new ServiceError(404, `${kind.toUpperCase()}_NOT_FOUND`, `There is no ${kind} with the id ${id}`);
  };

  app.get(path, async (request) => {
    const { limit, offset } = validate(pageSchema, request.query);
    const { items, total } = collection.list(limit, offset);
    return { data: items, page: { limit, offset, total } };
  });

  app.get<ById>(byId, async ({ params: { id } }) => found(id, collection.get(id)));

  app.post(path, async (request, reply) => {
    const value = validate(options.schema, request.body);
    await options.check?.(value, null, reply);
    const stored = collection.insert(value);
    return reply.status(201).header('location', `${path}/${stored.id}`).send(stored);
  });

  app.put<ById>(byId, async (request, reply) => {
    const { id } = request.params;
    const value = validate(options.schema, request.body);
    await options.check?.(value, found(id, collection.get(id)), reply);
    return found(id, collection.replace(id, value));
  });

  app.patch<ById>(byId, async (request, reply) => {
    const { id } = request.params;
    const patch = validate(options.patchSchema, request.body);
    await options.check?.(patch, found(id, collection.get(id)), reply);
    // Read again: another write may have come in while the check was waiting.
    const { id: _id, created_at, updated_at, ...current } = found(id, collection.get(id));
    return found(id, collection.replace(id, validate(options.schema, { ...current, ...patch })));
  });

  app.delete<ById>(byId, async (request, reply) => {
    const { id } = request.params;
    if (!collection.remove(id)) found(id, null);
    return reply.status(204).send();
  });
}
