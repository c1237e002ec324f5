/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.LAKESHORE_NEXT_DIR ?? '.next',
  poweredByHeader: false,
  // `npm run check` judges types; building must not wait for them a second time.
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  // No image is optimised by the server: the route has a history of remote code execution and we need none.
  images: { unoptimized: true },
  serverExternalPackages: ['@duckdb/node-api', '@duckdb/node-bindings'],
  // Pages and the API say more (server/http); this holds for what Next serves by itself, such as scripts and wasm.
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
      ],
    },
  ],
  experimental: {
    optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@tabler/icons-react'],
    // A page that is opened while the server cannot be reached waits, instead of the browser's error page taking over.
    useOffline: true,
    // No browser downloads the server's code: minifying it takes time and makes its stack traces hard to read.
    turbopackMinify: { client: true, server: false },
    turbopackFileSystemCacheForBuild: process.env.LAKESHORE_BUILD_CACHE !== 'off',
  },
}
