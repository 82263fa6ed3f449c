export interface User {
  /** A UUID. */
  readonly id: string;
  /** Normalised; unique. */
  readonly email: string;
  readonly name: string | null;
  /** As password.ts encodes it. */
  readonly password_hash: string;
  /** ISO 8601. */
  readonly created_at: string;
}

/** Where users are kept. Every method may fail with whatever the database's driver throws. */
export interface UserStore {
  /** @throws EmailTakenError when another user has this email */
  insert(user: User): Promise<void>;
  findByEmail(email: string): Promise<User | null>;
  findById(id: string): Promise<User | null>;
  close(): Promise<void>;
}

/** The unique index refused an insert: the database works, the email is taken. */
export class EmailTakenError extends Error {
  readonly code = 'EMAIL_TAKEN';

  constructor(cause: unknown) {
    super('A user with this email exists', { cause });
    this.name = 'EmailTakenError';
  }
}
