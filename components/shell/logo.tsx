/** The mark: a shore and two waves. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 26 26" aria-hidden focusable="false">
      <rect width="26" height="26" rx="5" fill="var(--accent)" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="2" strokeLinecap="round">
        <path d="M5 9h16" />
        <path d="M5 13.4c1.8-.9 3.2-.9 5 .3s3.3 1.1 5 0 3.7-1.2 6 .6" />
        <path d="M8.4 18.6c1.1-.6 2-.5 3.1.2s2.1.7 3.2 0 2-.7 3.1 0" />
      </g>
    </svg>
  )
}
