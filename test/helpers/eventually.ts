/**
 * Repeats `probe` until it does not throw, for at most `withinMs`; then its last error is the test's. For what happens
 * soon after an answer, such as a socket's end reaching the other side.
 */
export async function eventually<T>(probe: () => T | Promise<T>, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
