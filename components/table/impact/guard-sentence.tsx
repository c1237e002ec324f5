import { IconShieldCheck } from '@tabler/icons-react'

/** That a change of a ref is refused once the ref has moved. */
export function GuardSentence({ refName }: { refName: string }) {
  return (
    <li>
      <IconShieldCheck size={16} stroke={1.6} aria-hidden />
      <span>
        Will be rejected if <strong>{refName}</strong> has moved. You can undo it under History.
      </span>
    </li>
  )
}
