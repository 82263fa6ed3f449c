import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import { shield, unshield } from './environment-references.ts';
import type { SourceRange } from './located.ts';

/** A mistake found while reading the YAML, at a place in it. */
export interface Finding {
  readonly code:
    | 'INVALID_YAML'
    | 'DUPLICATE_KEY'
    | 'FORBIDDEN_KEY'
    | 'MISSING_VARIABLE'
    | 'INVALID_REFERENCE';
  readonly message: string;
  readonly range: SourceRange;
}

/**
 * Open collections that the parser may hold at once. The composer after it recurses: 250,000 brackets in a row end
 * in V8's own out-of-memory abort, which cannot be caught, so they have to be stopped before.
 */
const MAX_OPEN_TOKENS = 256;

const MESSAGES: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'tabs cannot indent YAML; use spaces',
  MULTIPLE_DOCS: 'a configuration is one YAML document; remove what follows "---"',
};

/**
 * Parses without looking at what the values mean. YAML 1.2 core schema, whatever a `%YAML` directive says.
 * References to variables are shielded in the result.
 */
export function readDocument(source: string): Document.Parsed | Finding[] {
  const tokens = parseTokens(shield(source));
  if ('code' in tokens) return [tokens];
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    // Checked when the tree is built, in linear time.
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens.list, true, source.length)];
  const document = documents[0]!;
  const findings = [...document.errors, ...document.warnings].map(fromParser);
  const second = documents[1];
  if (second !== undefined)
    findings.push({
      code: 'INVALID_YAML',
      message: MESSAGES.MULTIPLE_DOCS!,
      range: [second.range[0], second.range[0]],
    });
  return findings.length > 0 ? findings : (document as Document.Parsed);
}

type Token = Parameters<Composer['next']>[0];

function parseTokens(source: string): { list: Token[] } | Finding {
  const parser = new Parser();
  const list: Token[] = [];
  for (const lexeme of new Lexer().lex(source)) {
    list.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_OPEN_TOKENS) {
      return {
        code: 'INVALID_YAML',
        message: 'collections are nested too deeply',
        range: [parser.offset, parser.offset],
      };
    }
  }
  list.push(...parser.end());
  return { list };
}

function fromParser(error: YAMLError): Finding {
  const message = MESSAGES[error.code] ?? lowerFirst(unshield(error.message));
  return { code: 'INVALID_YAML', message, range: [Math.max(0, error.pos[0]), Math.max(0, error.pos[1])] };
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
