import { useEffect, useEffectEvent, useRef, useState } from 'react'

/** Tells whether a pointer or the focus is inside an element, so that a list there stands still meanwhile. */
export function useHold(onChange: (held: boolean) => void) {
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const change = useEffectEvent(onChange)
  const held = pointed || focused
  const first = useRef(true)
  useEffect(() => {
    if (!first.current) change(held)
    first.current = false
  }, [held])
  return {
    onPointerEnter: () => setPointed(true),
    onPointerLeave: () => setPointed(false),
    onFocus: () => setFocused(true),
    onBlur: (event: React.FocusEvent) => setFocused(event.currentTarget.contains(event.relatedTarget)),
  }
}
