/**
 * The functions of a TypeScript or JavaScript file and the lines of their bodies, nested ones counted with those
 * around.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import typescript, { type Node, type SourceFile } from 'typescript'
import { root } from './places.js'

export interface FunctionSize {
  /** `bridge/model/model-pool.ts:41 launch` */
  where: string
  lines: number
}

export function scriptFunctionsOf(file: string): FunctionSize[] {
  const text = readFileSync(join(root, file), 'utf8')
  const source = typescript.createSourceFile(file, text, typescript.ScriptTarget.Latest)
  const found: FunctionSize[] = []
  const visit = (node: Node) => {
    if (typescript.isFunctionLike(node) && 'body' in node && node.body) found.push(toSize(source, node, node.body))
    typescript.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function toSize(source: SourceFile, node: Node & { name?: Node | undefined }, body: Node): FunctionSize {
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1
  const where = `${source.fileName}:${lineOf(node.getStart(source))} ${node.name?.getText(source) ?? '(no name)'}`
  return { where, lines: lineOf(body.end) - lineOf(body.getStart(source)) + 1 }
}
