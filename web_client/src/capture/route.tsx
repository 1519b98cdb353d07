export function SittingPage({ sittingId }: { sittingId: string }) {
  return <p>{sittingId}</p>
}
export function SittingsPage() {
  return <p />
}
