import { describe, expect, it } from 'vitest'
import { ProblemError, problemOf, readProblem } from './problem'

describe('readProblem', () => {
  it('keeps the code and the wrong fields', () => {
    const problem = readProblem(422, {
      code: 'bad_policy',
      title: 'Bad policy',
      detail: 'no such table',
      fields: [{ field: 'detectors.nois', message: 'unknown' }, { field: 7 }],
    })
    expect(problem.code).toBe('bad_policy')
    expect(problem.fields).toEqual([{ field: 'detectors.nois', message: 'unknown' }])
  })

  it('names a failed server when the body says nothing', () => {
    expect(readProblem(502, '<html>').code).toBe('internal_error')
    expect(readProblem(418, undefined).code).toBe('unknown')
  })
})

describe('problemOf', () => {
  it('hands back the problem of a refused call', () => {
    expect(problemOf(new ProblemError(readProblem(409, { code: 'undo_expired' }))).code).toBe('undo_expired')
  })

  it('tells a renewed program from an unreachable server', () => {
    expect(problemOf(new TypeError('Failed to fetch dynamically imported module: /assets/a.js')).code).toBe('page_outdated')
  })

  it('takes a failed fetch for an unreachable server', () => {
    expect(problemOf(new TypeError('Failed to fetch')).code).toBe('unreachable')
    expect(problemOf(new Error('x')).code).toBe('page_failed')
  })
})
