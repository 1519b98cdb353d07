/** Keeps the screen on until the returned function is called; the browser lets go of it whenever the page is hidden. */
export function stayAwake(navigator: Navigator, document: Document): () => void {
  const end = new AbortController()
  let held: WakeLockSentinel | undefined
  const hold = async (): Promise<void> => {
    // Some browsers do not know it, and a telephone that is low on power refuses: then the screen goes off as usual.
    const lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
    if (end.signal.aborted) await lock?.release()
    else held = lock
  }
  void hold()
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') void hold()
    },
    { signal: end.signal },
  )
  return () => {
    end.abort()
    void held?.release()
  }
}
