import { openApiDocument } from '../../admin/openapi.ts'

/** docs/openapi.json. @param version of the program */
export function openApiFile(version: string): string {
  const document = { 'x-generated': 'DO NOT EDIT: npm run generate', ...openApiDocument(version) }
  return `${JSON.stringify(document, undefined, 2)}\n`
}
