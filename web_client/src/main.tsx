import './ui/styles'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/queries'
import { startTranslation } from './i18n'
import { router } from './router'
import { theme } from './ui/theme'

const place = document.getElementById('root')
if (!place) throw new Error('the page has no #root')

await startTranslation()

// Mantine's own <style> elements are off: the Content-Security-Policy forbids them, `ui/variables.css` stands in.
createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queryClient}>
        <Suspense>
          <RouterProvider router={router} />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
