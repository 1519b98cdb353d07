import { useQuery } from '@tanstack/react-query'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type RouteComponent,
  useLocation,
  useNavigate,
} from '@tanstack/react-router'
import { lazy, useEffect, useState } from 'react'
import { readPart } from '@/admin/parts'
import { configQuery, meQuery, queryClient } from '@/api/queries'
import { FailedPage, ForbiddenPage, MissingPage } from '@/shell/Fallbacks'
import { homeOf, type Section, sectionsOf } from '@/shell/roles'
import { Shell } from '@/shell/Shell'
import { Loading } from '@/ui/Page'

const root = createRootRoute({ component: Shell, notFoundComponent: MissingPage })

/** Strangers log in first, and come back to the page that they asked for. */
async function requireLogIn({ location }: { location: { href: string } }): Promise<void> {
  const me = await queryClient.ensureQueryData(meQuery)
  if (!me) throw redirect({ to: '/login', search: { next: location.href } })
}

/** Leads to the log-in page and back here afterwards; the address is read once, it changes on the way. */
function LogInAgain() {
  const navigate = useNavigate()
  const { href } = useLocation()
  const [next] = useState(href)
  useEffect(() => void navigate({ to: '/login', search: { next } }), [navigate, next])
  return null
}

/**
 * Shows a section to the roles that own it, and tells the others why not. A log-in that ends meanwhile leads to the
 * log-in page, except from an exam: there nothing may stop what is being recorded.
 */
function SectionDoor({ name }: { name: Section }) {
  const { data: me } = useQuery(meQuery)
  if (!me) return name === 'sit' ? <Outlet /> : <LogInAgain />
  return sectionsOf(me.role).includes(name) ? <Outlet /> : <ForbiddenPage />
}

function sectionRoute<Name extends Section>(name: Name) {
  return createRoute({
    getParentRoute: () => root,
    path: `/${name}`,
    beforeLoad: requireLogIn,
    component: () => <SectionDoor name={name} />,
  })
}

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const [config, me] = await Promise.all([
      queryClient.ensureQueryData(configQuery),
      queryClient.ensureQueryData(meQuery),
    ])
    if (config.demo) return
    throw redirect(me ? { to: homeOf(me.role) } : { to: '/login' })
  },
  component: lazyRouteComponent(() => import('@/entry/DoorsPage'), 'DoorsPage'),
})

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search['next'] === 'string' ? { next: search['next'] } : {},
  component: lazyRouteComponent(() => import('@/entry/LoginPage'), 'LoginPage'),
})

/** A telephone that was invited by a QR code; it has no log-in. */
const phone = createRoute({
  getParentRoute: () => root,
  path: '/phone',
  component: lazyRouteComponent(() => import('@/phone/PhonePage'), 'PhonePage'),
})

const sit = sectionRoute('sit')
const invigilate = sectionRoute('invigilate')
const review = sectionRoute('review')
const admin = sectionRoute('admin')

const CandidateSitting = lazy(async () => ({ default: (await import('@/capture/route')).SittingPage }))
const InvigilatedSitting = lazy(async () => ({ default: (await import('@/invigilate/InvigilatePage')).InvigilatePage }))
const ReviewedSitting = lazy(async () => ({ default: (await import('@/review/DocumentPage')).DocumentPage }))

const sittings = createRoute({
  getParentRoute: () => sit,
  path: '/',
  component: lazyRouteComponent(() => import('@/capture/route'), 'SittingsPage'),
})
const sitting = createRoute({
  getParentRoute: () => sit,
  path: '$sittingId',
  component: function Sitting() {
    const { sittingId } = sitting.useParams()
    return <CandidateSitting key={sittingId} sittingId={sittingId} />
  },
})
const watchList = createRoute({
  getParentRoute: () => invigilate,
  path: '/',
  component: () => <InvigilatedSitting sittingId={null} />,
})
const watched = createRoute({
  getParentRoute: () => invigilate,
  path: '$sittingId',
  component: function Watched() {
    return <InvigilatedSitting sittingId={watched.useParams().sittingId} />
  },
})
const finished = createRoute({
  getParentRoute: () => review,
  path: '/',
  component: lazyRouteComponent(() => import('@/review/FinishedPage'), 'FinishedPage'),
})
const document = createRoute({
  getParentRoute: () => review,
  path: '$sittingId',
  component: function Document() {
    const { sittingId } = document.useParams()
    return <ReviewedSitting key={sittingId} sittingId={sittingId} />
  },
})
const administration = createRoute({
  getParentRoute: () => admin,
  path: '/',
  validateSearch: readPart,
  component: lazyRouteComponent(() => import('@/admin/AdminPage'), 'AdminPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    login,
    phone,
    sit.addChildren([sittings, sitting]),
    invigilate.addChildren([watchList, watched]),
    review.addChildren([finished, document]),
    admin.addChildren([administration]),
  ]),
  defaultPendingComponent: Loading as RouteComponent,
  defaultErrorComponent: FailedPage,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
