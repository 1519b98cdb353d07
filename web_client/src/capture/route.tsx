export { SittingPage } from './views/SittingPage'
export { SittingsPage } from './views/SittingsPage'
