import { responseParserPart } from './response-parser-part.ts';
import { testPart } from './test-part.ts';

testPart(responseParserPart);
