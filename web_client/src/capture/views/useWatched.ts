import { useSyncExternalStore } from 'react'
import type { Watched } from '../store'

/** The present value of a watched store; the component renders again when it changes. */
export function useWatched<T>(watched: Watched<T>): T {
  return useSyncExternalStore(watched.subscribe, watched.get)
}
