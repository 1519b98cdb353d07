import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

export const examsQuery = queryOptions({ queryKey: ['exams'], queryFn: () => unwrap(api.GET('/api/exams')) })

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: () => unwrap(api.GET('/api/accounts')),
})

export const assignmentsQuery = queryOptions({
  queryKey: ['sittings', 'all'],
  queryFn: () => unwrap(api.GET('/api/sittings', { params: { query: { state: 'all' } } })),
})
