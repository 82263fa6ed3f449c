/** Which of the threads that share a memory this one is. */
export interface ThreadPlace {
  /** 0 is the main thread; a thread that takes a dead one's place has its index. */
  readonly index: number;
  /** Of all threads, the main one included. */
  readonly count: number;
}
