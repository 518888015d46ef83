// Package wire holds what every fake service needs to answer like AWS: who
// calls (Call), how a refusal looks (Error), where random ids come from
// (Source), and the dispatch of the JSON protocols (Table).
//
// It exists so that the services themselves contain behaviour only.
package wire
