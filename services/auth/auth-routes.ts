import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ServiceError } from '../shared/service-error.ts';
import { validate } from '../shared/validate.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type Tokens, unauthenticated } from './tokens.ts';
import { EmailTakenError, type User, type UserStore } from './user-store.ts';

export interface AuthParts {
  readonly users: UserStore;
  readonly hasher: PasswordHasher;
  readonly tokens: Tokens;
}

/** Upper and lower case and spaces around it make no other address. */
const email = z.string().trim().toLowerCase().max(254).pipe(z.email('expected an email address'));
/** NIST SP 800-63B: at least 8 characters, long ones welcome; the upper bound keeps hashing cheap. */
const password = z.string().min(8).max(256);

const registration = z.strictObject({
  email,
  password,
  name: z.string().trim().min(1).max(200).nullish(),
});
const login = z.strictObject({ email, password: z.string().min(1).max(256) });

const publicPart = ({ id, email, name, created_at }: User) => ({ id, email, name, created_at });

export function addAuthRoutes(app: FastifyInstance, { users, hasher, tokens }: AuthParts): void {
  app.post('/auth/register', async (request, reply) => {
    const wanted = validate(registration, request.body);
    // Asked before hashing, so that a database that is down or a taken email cost no 20 ms of processor.
    if (await users.findByEmail(wanted.email)) throw emailTaken(wanted.email);
    const user: User = {
      id: crypto.randomUUID(),
      email: wanted.email,
      name: wanted.name ?? null,
      password_hash: await hasher.hash(wanted.password),
      created_at: new Date().toISOString(),
    };
    await users.insert(user).catch((error: unknown) => {
      throw error instanceof EmailTakenError ? emailTaken(user.email, error) : error;
    });
    return reply.status(201).send(publicPart(user));
  });

  app.post('/auth/login', async (request, reply) => {
    const given = validate(login, request.body);
    const user = await users.findByEmail(given.email);
    const matches = await hasher.verify(given.password, user?.password_hash ?? null);
    if (!user || !matches) {
      throw new ServiceError(401, 'INVALID_CREDENTIALS', 'Email or password is wrong');
    }
    // RFC 6749 section 5.1
    reply.header('cache-control', 'no-store');
    return { access_token: await tokens.sign(user.id), token_type: 'Bearer', expires_in: tokens.lifetime };
  });

  app.get('/auth/me', async (request, reply) => {
    const id = await tokens.verify(request.headers.authorization);
    const user = await users.findById(id);
    if (!user) throw unauthenticated('The user of this token does not exist any more', id);
    reply.header('cache-control', 'no-store');
    return publicPart(user);
  });

  for (const path of ['/auth/jwks', '/auth/.well-known/jwks.json']) {
    app.get(path, async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return tokens.jwks;
    });
  }
}

function emailTaken(address: string, cause?: unknown): ServiceError {
  return new ServiceError(409, 'EMAIL_TAKEN', `A user with the email ${address} exists`, { cause });
}
