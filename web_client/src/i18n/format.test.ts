import { describe, expect, it } from 'vitest'
import { dateTime, duration, isoDuration, number, percent, utcTime } from './format'
import { preferredLanguage } from './language'

describe('duration', () => {
  it.each([
    [0, '0:00'],
    [59_999, '0:59'],
    [225_000, '3:45'],
    [5_025_000, '1:23:45'],
    [-3, '0:00'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text))

  it('has an ISO form', () => expect(isoDuration(5_025_000)).toBe('PT1H23M45S'))
})

it('writes numbers as each language does', () => {
  expect(number(0.365, 'en')).toBe('0.37')
  expect(number(0.365, 'ru')).toBe('0,37')
  expect(number(0.365, 'kk')).toBe('0,37')
  expect(percent(0.995, 'en')).toBe('99.5%')
})

it('writes an instant in the zone asked for and in UTC', () => {
  expect(dateTime('2026-05-04T09:30:05Z', 'en', 'Asia/Almaty')).toMatch(/4 May 2026.*14:30:05/)
  expect(dateTime('2026-05-04T09:30:05Z', 'kk', 'Asia/Almaty')).toBe('2026 ж. 4 мам., 14:30:05')
  expect(utcTime('2026-05-04T14:30:05+05:00')).toBe('2026-05-04 09:30:05 UTC')
})

it('prefers the kept language, then the browser, then Kazakh', () => {
  expect(preferredLanguage('ru', ['en-US'])).toBe('ru')
  expect(preferredLanguage(null, ['de', 'en-US'])).toBe('en')
  expect(preferredLanguage('xx', ['de'])).toBe('kk')
})
