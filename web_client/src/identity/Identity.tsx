import type { SittingDetail } from '@/api/types'
import { IdentityDocument } from './IdentityDocument'
import classes from './Identity.module.css'
import { Photographs } from './Photographs'

/** Everything that is known of who sits. */
export function Identity({ sitting }: { sitting: SittingDetail }) {
  return (
    <div className={classes.identity}>
      <Photographs photographs={sitting.photographs} />
      {sitting.document === 'none' ? null : <IdentityDocument sittingId={sitting.sitting_id} />}
    </div>
  )
}
