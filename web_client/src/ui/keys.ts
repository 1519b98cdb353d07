import { useEffect, useEffectEvent } from 'react'

interface KeyPress {
  readonly code: string
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
}

const PLAIN: Readonly<Record<string, string>> = { Enter: 'Enter', Escape: 'Escape', Space: 'Space' }

/**
 * Name of a pressed key by its place on the keyboard, so that `j` is the same key under Kazakh, Russian and English
 * layouts: `j`, `J` (with Shift), `Enter`, `?`. Null for combinations that belong to the browser.
 */
export function keyName(press: KeyPress): string | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null
  if (press.key === '?' || (press.code === 'Slash' && press.shiftKey)) return '?'
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1]
  if (letter) return press.shiftKey ? letter : letter.toLowerCase()
  return PLAIN[press.code] ?? null
}

const TYPING = 'input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]'
const OWN_KEYS: Readonly<Record<string, string>> = { Enter: 'a, button, summary', Space: 'a, button, summary, input' }

/** Whether a key belongs to the element that has focus: typing, or the element's own Enter and Space. */
function belongsTo(target: EventTarget | null, name: string): boolean {
  if (!(target instanceof Element)) return false
  if (target.closest(TYPING) || target.closest('dialog[open]')) return true
  const own = OWN_KEYS[name]
  return own !== undefined && target.closest(own) !== null
}

/** Runs the command of a pressed key while the component is shown; nothing while a person types. */
export function useKeys(commands: Readonly<Partial<Record<string, () => void>>>): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const name = keyName(event)
    if (name === null || event.defaultPrevented || belongsTo(event.target, name)) return
    const command = commands[name]
    if (!command) return
    event.preventDefault()
    command()
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])
}
