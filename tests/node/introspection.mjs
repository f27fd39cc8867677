// Prints the introspection query that tools such as GraphiQL send.
import { getIntrospectionQuery } from 'graphql';

const everything = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: false };
console.log(JSON.stringify(getIntrospectionQuery(everything)));
