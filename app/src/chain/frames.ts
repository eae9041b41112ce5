/** Calls `flush` once before the next frame, however often it is asked: ten updates a second paint once each at most. */
export function framed(flush: () => void): { ask(): void; cancel(): void } {
  let handle: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    if (handle !== undefined) cancelAnimationFrame(handle);
    clearTimeout(timer);
    handle = timer = undefined;
    flush();
  };
  return {
    ask() {
      if (handle !== undefined) return;
      handle = requestAnimationFrame(run);
      // A tab in the background gets no frames, but a margin call must be noticed there too.
      timer = setTimeout(run, 250);
    },
    cancel() {
      if (handle !== undefined) cancelAnimationFrame(handle);
      clearTimeout(timer);
      handle = timer = undefined;
    },
  };
}
