import { usePathname, useRouter } from 'next/navigation'

/**
 * Returns a function that replaces the page by another one, unless the user has already gone to another page. Callers
 * may finish after that.
 */
export function useNavigateAway(): (address: string) => void {
  const router = useRouter()
  const pathname = usePathname()
  return (address) => {
    if (window.location.pathname === pathname) router.replace(address)
  }
}
