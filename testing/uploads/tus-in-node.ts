import * as tus from 'tus-js-client'
import type { TusLibrary } from '@/lib/client/uploads/upload-transfer'

/** The requests of Node know no blobs. */
class NodeStack extends tus.DefaultHttpStack {
  override createRequest(method: string, url: string): tus.HttpRequest {
    const request = super.createRequest(method, url)
    const send = request.send.bind(request)
    request.send = async (body) => send(body instanceof Blob ? Buffer.from(await body.arrayBuffer()) : body)
    return request
  }
}

/** The library of uploads as a page has it, for tests in Node. */
export const TUS_IN_NODE: TusLibrary = { Upload: tus.Upload, DefaultHttpStack: NodeStack }
