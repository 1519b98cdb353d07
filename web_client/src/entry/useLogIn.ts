import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, unwrap } from '@/api/client'
import { meQuery, queryClient } from '@/api/queries'
import { afterLogin } from '@/shell/roles'

interface Credentials {
  readonly email: string
  readonly password: string
}

/** Logs in by the server's ordinary endpoint, then opens the page that asked for it or the role's own. */
export function useLogIn(next?: string) {
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (credentials: Credentials) => unwrap(api.POST('/api/login', { body: credentials })),
    onSuccess: async (me) => {
      const kept = new Set<unknown>(['config', 'me'])
      queryClient.removeQueries({ predicate: (query) => !kept.has(query.queryKey[0]) })
      queryClient.setQueryData(meQuery.queryKey, me)
      await navigate({ to: afterLogin(me.role, next) })
    },
  })
}
