import { expect, it } from 'vitest'
import { afterLogin } from './roles'

it('returns to the page that asked for the log-in when the role may open it', () => {
  expect(afterLogin('invigilator', '/invigilate/s1')).toBe('/invigilate/s1')
  expect(afterLogin('candidate', '/invigilate/s1')).toBe('/sit')
})

it('never leaves the site', () => {
  expect(afterLogin('admin', '//elsewhere/admin')).toBe('/admin')
  expect(afterLogin('admin', 'https://elsewhere/admin')).toBe('/admin')
  expect(afterLogin('committee', undefined)).toBe('/review')
})
