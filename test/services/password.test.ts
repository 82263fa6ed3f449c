import { describe, expect, it } from 'vitest';
import { hasArgon2, hashPassword, verifyPassword } from '../../services/auth/password.ts';

const kinds = ['scrypt', ...(hasArgon2 ? ['argon2id'] : [])] as const;

describe.each(kinds)('a password hashed with %s', (kind) => {
  it('is verified, and no other password is', async () => {
    const encoded = await hashPassword('correct horse', kind);
    expect(encoded.startsWith(`$${kind}$`)).toBe(true);
    expect(await verifyPassword('correct horse', encoded)).toBe(true);
    expect(await verifyPassword('correct horsf', encoded)).toBe(false);
  });

  it('has its own salt', async () => {
    const [one, two] = await Promise.all([hashPassword('same', kind), hashPassword('same', kind)]);
    expect(one).not.toBe(two);
  });

  it('is the same text however the keyboard composes its letters', async () => {
    expect(await verifyPassword('Caf\u0065\u0301', await hashPassword('Caf\u00e9', kind))).toBe(true);
  });
});

describe('stored hashes', () => {
  it.runIf(hasArgon2)('of the reference implementation of argon2 are verified', async () => {
    // From the reference's own test: password "password", salt "somesalt", 2 passes, 64 MiB, 1 lane.
    const encoded = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword('password', encoded)).toBe(true);
  });

  it.each([
    'plain text',
    '$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ])(
    'that are no hash of ours or ask for too much memory fail instead of being tried: %s',
    async (encoded) => {
      await expect(verifyPassword('password', encoded)).rejects.toThrow(/stored password hash/);
    },
  );
});
