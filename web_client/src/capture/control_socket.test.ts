import { expect, it } from 'vitest'
import { parseFromServer } from './control_socket'

it('takes messages of the contract and nothing else', () => {
  expect(parseFromServer('{"type":"pong"}')).toEqual({ type: 'pong' })
  expect(parseFromServer('{"type":"ack","event_ids":["a"]}')).toEqual({ type: 'ack', event_ids: ['a'] })
  for (const strange of ['{"type":"dance"}', '{"no":"type"}', 'null', '{broken', 7, undefined]) {
    expect(parseFromServer(strange)).toBeNull()
  }
})
