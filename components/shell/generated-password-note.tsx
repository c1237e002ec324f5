'use client'
import { IconKey } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import bar from '@/components/ui/notes/note-bar.module.css'
import { sessionQuery } from '@/lib/client/session/session'
import { paths } from '@/lib/paths/paths'

/** Asks the user to choose a password while they still have a generated one. */
export function GeneratedPasswordNote() {
  const { data: session } = useQuery(sessionQuery())
  if (session?.hasGeneratedPassword !== true) return null
  return (
    <p className={bar.bar} role="note">
      <IconKey size={14} stroke={1.6} aria-hidden />
      <span>
        Your password was generated. <Link href={paths.account()}>Choose your own</Link>.
      </span>
    </p>
  )
}
