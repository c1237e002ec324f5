'use client'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { SchemeIcon } from '@/components/shell/theme/scheme-icon'
import classes from './sign-in-form.module.css'

/** The choice of the colour scheme on the sign-in page. */
export function SignInTheme({ nonce }: { nonce: string }) {
  return (
    <LazyMenu
      button={
        <button type="button" className={classes.theme}>
          <SchemeIcon />
          Theme
        </button>
      }
      load={loadMenu}
      menuProps={{ nonce }}
    />
  )
}

async function loadMenu() {
  return (await import('./sign-in-theme-menu')).SignInThemeMenu
}
