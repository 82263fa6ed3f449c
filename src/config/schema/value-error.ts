/** A value cannot be what its key stands for. The message is a whole sentence about it, without the key. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
  readonly code = 'INVALID_VALUE';
}
