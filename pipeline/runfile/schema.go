package runfile

import (
	"encoding/json"
	"math"
	"strings"
)

// SchemaDialect is the version of JSON Schema that Schema is written in.
const SchemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schema returns the JSON Schema of a run file, made from the table of keys, for
// editors that check and complete TOML by one. It states names, types, ranges,
// words and what is required; what depends on several keys at once, only
// [Parse] knows.
func Schema() []byte {
	root := object{
		"$schema":              SchemaDialect,
		"title":                "A run file of isingrbm",
		"type":                 "object",
		"additionalProperties": false,
	}
	properties := object{}
	var required []string
	for _, k := range keys {
		if k.Section() == "" {
			properties[k.Path] = k.schema()
		}
	}
	for _, s := range sections {
		properties[s.Name] = s.schema()
		if s.requiredAlways() {
			required = append(required, s.Name)
		}
	}
	root["properties"] = properties
	root["anyOf"] = []object{ // the sizes and temperatures of data that are brought are those of the files
		{"required": []string{"data"}},
		{"required": required, "properties": object{"lattice": object{"required": []string{"sizes"}}}},
	}
	orphans := object{}
	for _, s := range sections {
		if needsRBM(s.Name) && s.Name != "rbm" {
			orphans[s.Name] = []string{"rbm"}
		}
	}
	root["dependentRequired"] = orphans
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("runfile: a schema that JSON cannot hold")
	}
	return append(text, '\n')
}

// object is a JSON object; its keys are written in alphabetical order.
type object = map[string]any

// schema is the schema of a section.
func (s Section) schema() object {
	properties := object{}
	required := []string{}
	for _, k := range inSection(s.Name) {
		properties[k.Name()] = k.schema()
		if k.Required && k.Path != "lattice.sizes" {
			required = append(required, k.Name())
		}
	}
	return object{"description": s.Doc, "type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// requiredAlways reports whether no run file can do without the section.
func (s Section) requiredAlways() bool {
	for _, k := range inSection(s.Name) {
		if k.Required && !needsRBM(s.Name) {
			return true
		}
	}
	return false
}

// schema is the schema of a key's values.
func (k Key) schema() object {
	schema := k.values()
	schema["description"] = k.about() + ". " + k.Doc
	if value, ok := k.defaultValue(); ok {
		schema["default"] = value
	}
	return schema
}

// values says what a key's values may be.
func (k Key) values() object {
	switch k.Type {
	case Integer, Number:
		return k.orWords(k.bounded())
	case Boolean:
		return object{"type": "boolean"}
	case Word:
		return object{"enum": k.Words}
	case Text:
		return object{"type": "string"}
	case Texts:
		return object{"type": "array", "items": object{"type": "string"}}
	case Duration, Size:
		return object{"type": "string"}
	case Integers:
		return object{"type": "array", "minItems": 1, "items": k.bounded()}
	case Words:
		return object{"type": "array", "items": object{"enum": k.Words}}
	case UnitCounts:
		item := object{"anyOf": []object{k.bounded(), {"type": "string", "pattern": `^[1-9][0-9]*N$`}}}
		return object{"type": "array", "minItems": 1, "items": item}
	case Temperatures:
		return temperaturesSchema()
	case TemperatureList:
		return object{"type": "array", "items": temperatureSchema()}
	case DataCells:
		return dataCellsSchema()
	}
	panic("runfile: key without a type")
}

// orWords allows the key's words beside other values.
func (k Key) orWords(values object) object {
	if len(k.Words) == 0 {
		return values
	}
	return object{"anyOf": []object{values, {"enum": k.Words}}}
}

// bounded is a number in the key's range.
func (k Key) bounded() object {
	schema := object{"type": "number"}
	if k.Type != Number {
		schema["type"] = "integer"
	}
	for _, bound := range []struct {
		at         float64
		open       bool
		name, free string
	}{{k.Range.Min, k.Range.OpenMin, "minimum", "exclusiveMinimum"}, {k.Range.Max, k.Range.OpenMax, "maximum", "exclusiveMaximum"}} {
		switch {
		case math.IsInf(bound.at, 0):
		case bound.open:
			schema[bound.free] = bound.at
		default:
			schema[bound.name] = bound.at
		}
	}
	if k.Range.NotZero {
		schema["not"] = object{"const": 0}
	}
	return schema
}

// temperatureSchema is a number or a word.
func temperatureSchema() object {
	return object{"anyOf": []object{{"type": "number", "minimum": 0}, {"enum": []string{"Tc", "inf"}}}}
}

// temperaturesSchema is a range or a list.
func temperaturesSchema() object {
	item := temperatureSchema()
	span := object{
		"type": "object", "additionalProperties": false, "required": []string{"from", "to", "count"},
		"properties": object{"from": item, "to": item, "count": object{"type": "integer", "minimum": 1}},
	}
	return object{"anyOf": []object{{"type": "array", "minItems": 1, "items": item}, span}}
}

// dataCellsSchema is a list of tables that say which cell a file holds.
func dataCellsSchema() object {
	cell := object{
		"type": "object", "additionalProperties": false, "required": []string{"file"},
		"properties": object{"file": object{"type": "string"}, "L": object{"type": "integer"}, "T": object{"type": []string{"number", "string"}}},
	}
	return object{"type": "array", "items": cell}
}

// defaultValue is the default of a key, as JSON has it; none for a required key,
// nor where a preset decides.
func (k Key) defaultValue() (any, bool) {
	if k.Default == "" || k.Required {
		return nil, false
	}
	data, err := decode("value = " + strings.TrimSpace(k.Default))
	if err != nil {
		panic("runfile: a default is not TOML: " + k.Path)
	}
	return data["value"], true
}
