/// Block files and databases.
@org.jspecify.annotations.NullMarked
module weft.store {
    requires static transitive org.jspecify;
    requires transitive weft.chain;
    requires rocksdbjni;

    exports weft.store;
}
