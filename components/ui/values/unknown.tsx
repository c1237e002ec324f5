/** An unknown figure: an en dash, with the reason on hover and for screen readers. */
export function Unknown({ reason }: { reason: string }) {
  return (
    <span className="quiet" title={reason}>
      <span aria-hidden>–</span>
      <span className="sr-only">unknown: {reason}</span>
    </span>
  )
}
