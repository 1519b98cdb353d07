import { describe, expect, it } from 'vitest'
import { MemoryStorage } from '@/capture/testing/memory_storage'
import { forgetPass, keepPass, passOf } from './kept_pass'

const SECRET = 'a'.repeat(43)
const OTHER = 'b'.repeat(43)
const KEY = 'k'.repeat(43)

describe('the pass of a telephone', () => {
  it('comes from the address', () => {
    expect(passOf(`#${SECRET}`, new MemoryStorage())).toEqual({ secret: SECRET, key: null })
  })

  it('is none without an address that has one', () => {
    expect(passOf('', new MemoryStorage())).toBeNull()
    expect(passOf('#content', new MemoryStorage())).toBeNull()
  })

  it('survives a reload, with the key', () => {
    const storage = new MemoryStorage()
    keepPass({ secret: SECRET, key: KEY }, storage)
    expect(passOf('', storage)).toEqual({ secret: SECRET, key: KEY })
  })

  it('finds the key again when the same code is scanned again', () => {
    const storage = new MemoryStorage()
    keepPass({ secret: SECRET, key: KEY }, storage)
    expect(passOf(`#${SECRET}`, storage)).toEqual({ secret: SECRET, key: KEY })
  })

  it('is the new one when another code is scanned', () => {
    const storage = new MemoryStorage()
    keepPass({ secret: SECRET, key: KEY }, storage)
    expect(passOf(`#${OTHER}`, storage)).toEqual({ secret: OTHER, key: null })
  })

  it('is forgotten when it is over', () => {
    const storage = new MemoryStorage()
    keepPass({ secret: SECRET, key: KEY }, storage)
    forgetPass(storage)
    expect(passOf('', storage)).toBeNull()
  })

  it('is none when what is kept is something else', () => {
    const storage = new MemoryStorage()
    storage.setItem('proctor.phone', 'x.y')
    expect(passOf('', storage)).toBeNull()
  })
})
