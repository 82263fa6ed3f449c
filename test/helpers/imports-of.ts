import { SyntaxKind } from 'typescript/unstable/ast';
import { createScanner } from 'typescript/unstable/ast/scanner';

/** One place where a source file asks for another. */
export interface Import {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
}

interface Token {
  readonly kind: SyntaxKind;
  readonly text: string;
  readonly start: number;
}

/** After these a slash divides; after anything else it begins a regular expression. */
const VALUE_ENDS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.Identifier,
  SyntaxKind.PrivateIdentifier,
  SyntaxKind.NumericLiteral,
  SyntaxKind.BigIntLiteral,
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
  SyntaxKind.CloseParenToken,
  SyntaxKind.CloseBracketToken,
  SyntaxKind.CloseBraceToken,
  SyntaxKind.ThisKeyword,
  SyntaxKind.SuperKeyword,
  SyntaxKind.TrueKeyword,
  SyntaxKind.FalseKeyword,
  SyntaxKind.NullKeyword,
  SyntaxKind.PlusPlusToken,
  SyntaxKind.MinusMinusToken,
]);

/**
 * Everything that a TypeScript source imports: `import` and `export … from` with or without `type`, `import()` as
 * an expression and as a type, `require` and `import.meta.resolve`. What only looks like one, in a comment, a string
 * or a template, is left out.
 */
export function importsOf(source: string): Import[] {
  const tokens = tokenize(source);
  const imports: Import[] = [];
  const add = (at: number): boolean => {
    const token = tokens[at];
    const literal =
      token?.kind === SyntaxKind.StringLiteral || token?.kind === SyntaxKind.NoSubstitutionTemplateLiteral;
    if (literal)
      imports.push({ specifier: token.text, line: source.slice(0, token.start).split('\n').length });
    return literal;
  };
  tokens.forEach((token, at) => {
    if (tokens[at - 1]?.kind === SyntaxKind.DotToken) return;
    if (token.kind === SyntaxKind.ImportKeyword) {
      const next = tokens[at + 1];
      if (next?.kind === SyntaxKind.OpenParenToken) add(at + 2);
      else if (next?.kind !== SyntaxKind.DotToken) add(at + 1) || add(specifierAfterFrom(tokens, at));
      else if (tokens[at + 4]?.text === 'resolve') add(at + 6);
    } else if (token.kind === SyntaxKind.ExportKeyword) {
      const next = tokens[at + 1]?.kind === SyntaxKind.TypeKeyword ? tokens[at + 2] : tokens[at + 1];
      const lists = next?.kind === SyntaxKind.OpenBraceToken || next?.kind === SyntaxKind.AsteriskToken;
      if (lists) add(specifierAfterFrom(tokens, at));
    } else if (token.text === 'require' && tokens[at + 1]?.kind === SyntaxKind.OpenParenToken) {
      add(at + 2);
    }
  });
  return imports;
}

/** The index after the clause's `from`, or -1 when the statement has none (`export { a };`). */
function specifierAfterFrom(tokens: readonly Token[], at: number): number {
  for (let index = at + 1; index < tokens.length; index++) {
    const kind = tokens[index]?.kind;
    if (kind === SyntaxKind.SemicolonToken || kind === SyntaxKind.EqualsToken) return -1;
    const named = tokens[index - 1]?.kind === SyntaxKind.OpenBraceToken;
    if (kind === SyntaxKind.FromKeyword && !named && tokens[index + 1]?.kind === SyntaxKind.StringLiteral) {
      return index + 1;
    }
  }
  return -1;
}

function tokenize(source: string): Token[] {
  const scanner = createScanner(true, undefined, source);
  const tokens: Token[] = [];
  // For each template that is open: how many braces inside its current substitution are.
  const templates: number[] = [];
  for (;;) {
    let kind = scanner.scan();
    const depth = templates.at(-1);
    if (kind === SyntaxKind.EndOfFile) return tokens;
    if (kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) {
      const before = tokens.at(-1)?.kind;
      if (before === undefined || !VALUE_ENDS.has(before)) kind = scanner.reScanSlashToken();
    } else if (kind === SyntaxKind.TemplateHead) {
      templates.push(0);
    } else if (kind === SyntaxKind.OpenBraceToken && depth !== undefined) {
      templates[templates.length - 1] = depth + 1;
    } else if (kind === SyntaxKind.CloseBraceToken && depth !== undefined) {
      if (depth > 0) {
        templates[templates.length - 1] = depth - 1;
      } else {
        kind = scanner.reScanTemplateToken(false);
        if (kind === SyntaxKind.TemplateTail) templates.pop();
      }
    }
    tokens.push({ kind, text: scanner.getTokenValue(), start: scanner.getTokenStart() });
  }
}
