import { notFound } from 'next/navigation'

/** Any address without a page, so that the console’s own page says so, and a visitor is sent to sign in first. */
export default function MissingPage() {
  notFound()
}
