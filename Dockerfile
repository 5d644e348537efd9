# syntax=docker/dockerfile:1
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json rolldown.config.mjs ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Postgres and Redis are containers of their own: the embedded ones (optional dependencies) stay out.
RUN npm ci --omit=dev --omit=optional
# What is in the image, as CycloneDX.
RUN npm sbom --sbom-format cyclonedx --omit dev --omit optional > sbom.json

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 SLUICE_STORAGE_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/sbom.json ./
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY migrations ./migrations
COPY datasets ./datasets
USER node
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["api"]
# For the API; a worker has no port, its health is its process.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "require(process.env.SLUICE_TLS_CERT ? 'https' : 'http').get({ host: '127.0.0.1', port: process.env.PORT || 3000, path: '/healthz', rejectUnauthorized: false }, (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
