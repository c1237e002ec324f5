import { redirect } from 'next/navigation'
import { paths } from '@/lib/paths/paths'

/** The settings have no page of their own: their first one needs no permission. */
export default function Settings() {
  redirect(paths.account())
}
