import { expect, it } from 'vitest'
import { asDate } from './fields'

it('writes dates of a zone with the day first and leaves everything else as it was read', () => {
  expect(asDate('birth_date', '740812')).toBe('12.08.74')
  expect(asDate('expiry_date', '12041')).toBe('12041')
  expect(asDate('document_number', '740812')).toBe('740812')
})
