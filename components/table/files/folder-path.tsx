import type { ComponentProps, ReactNode } from 'react'
import { VisibleText } from '@/components/ui/values/visible-text'
import classes from './folder-path.module.css'

type LinkTo = (location: string) => Pick<ComponentProps<'a'>, 'href' | 'onClick'>

/** The folders around a folder, below each of the roots that it may be in. */
export function FolderPaths({
  roots,
  folder,
  linkTo,
  children,
}: {
  roots: readonly string[]
  folder: string
  linkTo: LinkTo
  /** Above the roots. */
  children?: ReactNode
}) {
  return (
    <nav aria-label="Folders" className={classes.path}>
      {children}
      {roots.map((root) => (
        <FolderPath key={root} root={root} folder={folder} linkTo={linkTo} />
      ))}
    </nav>
  )
}

/** The folders from a root to the shown folder; the root alone if the folder is elsewhere. */
function FolderPath({ root, folder, linkTo }: { root: string; folder: string; linkTo: LinkTo }) {
  const isInside = folder === root || folder.startsWith(`${root}/`)
  const names = isInside ? folder.slice(root.length + 1).split('/') : []
  const steps = names
    .filter((name) => name !== '')
    .map((name, index) => ({
      name,
      location: [root, ...names.slice(0, index + 1)].join('/'),
    }))
  return (
    <span>
      {[{ name: root, location: root }, ...steps].map(({ name, location }) => (
        <span key={location}>
          <a {...linkTo(location)} {...(location === folder && { 'aria-current': 'page' as const })}>
            <code>
              <VisibleText>{name}</VisibleText>
            </code>
          </a>
          /
        </span>
      ))}
    </span>
  )
}
