/** Characters that the main thread may be behind. */
const MAX_UNREAD = 4 * 1024 * 1024;

/** How far the main thread is behind with what one worker has sent it. */
export class Backlog {
  readonly #read: Int32Array;
  readonly #index: number;
  #sent = 0;

  /**
   * @param read for each thread the characters that the main thread has read; wraps around
   * @param index whose backlog this is
   */
  constructor(read: Int32Array, index: number) {
    this.#read = read;
    this.#index = index;
  }

  get hasRoom(): boolean {
    return ((this.#sent - Atomics.load(this.#read, this.#index)) | 0) <= MAX_UNREAD;
  }

  sent(characters: number): void {
    this.#sent = (this.#sent + characters) | 0;
  }
}
