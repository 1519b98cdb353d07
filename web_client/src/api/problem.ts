/** What the server says when it refuses (RFC 9457); `code` is stable and has a translation in `i18n/locales`. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string | undefined
  readonly remedy: string | undefined
  /** Which fields of the request were wrong, in the server's words. */
  readonly fields: readonly FieldProblem[]
}

interface FieldProblem {
  readonly field: string
  readonly message: string
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function readFields(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return []
  return value.filter(
    (entry): entry is FieldProblem =>
      typeof entry === 'object' &&
      entry !== null &&
      'field' in entry &&
      'message' in entry &&
      typeof entry.field === 'string' &&
      typeof entry.message === 'string',
  )
}

/** Reads a refused answer's body; whatever is missing gets a code that says so. */
export function readProblem(status: number, body: unknown): Problem {
  const fields: Partial<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {}
  return {
    status,
    code: text(fields['code']) ?? (status >= 500 ? 'internal_error' : 'unknown'),
    title: text(fields['title']) ?? `HTTP ${status}`,
    detail: text(fields['detail']),
    remedy: text(fields['remedy']),
    fields: readFields(fields['fields']),
  }
}

/** A part of the page is gone from the server: the program was renewed after the page had been opened. */
const MISSING_PART = /dynamically imported module|module script failed/i

function codeOf(error: unknown): string {
  if (!(error instanceof TypeError)) return 'page_failed'
  return MISSING_PART.test(error.message) ? 'page_outdated' : 'unreachable'
}

/** The problem behind anything that was thrown; a failed `fetch` means that the server could not be reached. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return {
    status: 0,
    code: codeOf(error),
    title: error instanceof Error ? error.message : String(error),
    detail: undefined,
    remedy: undefined,
    fields: [],
  }
}
