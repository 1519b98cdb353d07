import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError, readProblem } from '@/api/problem'
import { AnswerBook } from './answers'
import { MemoryStorage } from './testing/memory_storage'

const KEY = 'proctor.answer.s1.q1'
const text = { kk: 'Сұрақ', ru: 'Вопрос', en: 'Question' }

function setUp({ onServer = '', storage = new MemoryStorage() }: { onServer?: string; storage?: MemoryStorage } = {}) {
  const saved: string[] = []
  const world: { answer: () => Promise<{ saved_at: string }> } = {
    answer: () => Promise.resolve({ saved_at: '2026-11-21T10:00:00Z' }),
  }
  const book = new AnswerBook({
    sittingId: 's1',
    questions: [{ question_id: 'q1', text, answer: onServer }],
    storage,
    api: {
      saveAnswer: async (_question, answer) => {
        const result = await world.answer()
        saved.push(answer)
        return result
      },
    },
  })
  const now = () => book.answers.get()['q1']
  return { book, saved, storage, world, now }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('AnswerBook', () => {
  it('keeps every keystroke here and saves after a short quiet', async () => {
    const { book, saved, storage, now } = setUp()
    book.write('q1', 'a')
    book.write('q1', 'ab')
    expect(storage.getItem(KEY)).toContain('ab')
    expect(now()?.safety).toBe('kept')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(saved).toEqual(['ab'])
    expect(now()).toMatchObject({ text: 'ab', safety: 'saved' })
    expect(storage.getItem(KEY)).toBeNull()
  })

  it('saves a text that was changed while the earlier one was under way', async () => {
    const { book, saved, world, now } = setUp()
    const waiting: (() => void)[] = []
    world.answer = () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve({ saved_at: '2026-11-21T10:00:00Z' })
        })
      })
    book.write('q1', 'first')
    await vi.advanceTimersByTimeAsync(900)
    book.write('q1', 'first and second')
    await vi.advanceTimersByTimeAsync(900)
    waiting.shift()?.()
    await vi.advanceTimersByTimeAsync(10)
    waiting.shift()?.()
    await vi.advanceTimersByTimeAsync(10)
    expect(saved).toEqual(['first', 'first and second'])
    expect(now()?.safety).toBe('saved')
  })

  it('keeps trying while the server is away, and loses nothing', async () => {
    const { book, saved, storage, world, now } = setUp()
    world.answer = () => Promise.reject(new ProblemError(readProblem(0, { code: 'unreachable' })))
    book.write('q1', 'kept')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(now()?.safety).toBe('kept')
    expect(storage.getItem(KEY)).toContain('kept')
    world.answer = () => Promise.resolve({ saved_at: '2026-11-21T10:00:00Z' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(saved).toEqual(['kept'])
  })

  it('keeps trying while nobody is logged in, and saves once somebody is again', async () => {
    const { book, saved, world, now } = setUp()
    world.answer = () => Promise.reject(new ProblemError(readProblem(401, { code: 'not_logged_in' })))
    book.write('q1', 'kept')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(now()?.safety).toBe('kept')
    world.answer = () => Promise.resolve({ saved_at: '2026-11-21T10:00:00Z' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(saved).toEqual(['kept'])
  })

  it('says so when the server takes no more, and keeps the text here', async () => {
    const { book, storage, world, now } = setUp()
    world.answer = () => Promise.reject(new ProblemError(readProblem(409, { code: 'not_running' })))
    book.write('q1', 'late')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(now()?.safety).toBe('refused')
    expect(storage.getItem(KEY)).toContain('late')
  })

  it('goes on from the draft of before a reload', async () => {
    const storage = new MemoryStorage()
    storage.setItem(KEY, JSON.stringify({ text: 'draft, longer', base: 'draft' }))
    const { saved, now } = setUp({ onServer: 'draft', storage })
    expect(now()?.text).toBe('draft, longer')
    await vi.advanceTimersByTimeAsync(10)
    expect(saved).toEqual(['draft, longer'])
  })

  it('offers a draft beside a text that came to the server from elsewhere', async () => {
    const storage = new MemoryStorage()
    storage.setItem(KEY, JSON.stringify({ text: 'mine', base: 'old' }))
    const { book, saved, now } = setUp({ onServer: 'newer', storage })
    expect(now()).toMatchObject({ text: 'newer', otherVersion: 'mine', safety: 'saved' })
    book.takeOtherVersion('q1')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(saved).toEqual(['mine'])
    expect(now()).toMatchObject({ text: 'mine', safety: 'saved', otherVersion: undefined })
  })

  it('saves everything at once before the end', async () => {
    const { book, saved } = setUp()
    book.write('q1', 'last word')
    expect(await book.saveAll()).toBe(true)
    expect(saved).toEqual(['last word'])
  })
})
