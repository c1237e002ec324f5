/** No run is open: the lists of the layout are all there is. */
export default function Jobs() {
  return null
}
