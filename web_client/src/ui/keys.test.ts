import { expect, it } from 'vitest'
import { keyName } from './keys'

const press = { key: '', code: '', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }

it('reads the place of a key, whatever the layout writes', () => {
  expect(keyName({ ...press, code: 'KeyJ', key: 'о' })).toBe('j')
  expect(keyName({ ...press, code: 'KeyJ', key: 'О', shiftKey: true })).toBe('J')
  expect(keyName({ ...press, code: 'Digit7', key: '?', shiftKey: true })).toBe('?')
  expect(keyName({ ...press, code: 'Slash', key: ',', shiftKey: true })).toBe('?')
  expect(keyName({ ...press, code: 'Enter', key: 'Enter' })).toBe('Enter')
})

it('leaves the browser its combinations', () => {
  expect(keyName({ ...press, code: 'KeyN', key: 'n', ctrlKey: true })).toBeNull()
  expect(keyName({ ...press, code: 'F5', key: 'F5' })).toBeNull()
})
