package io.cairn.images;

/** What the calls of the store share. */
record StoreParts(StoreDirs dirs, BlobStore blobs, LayerStore layers, LayerJobs jobs, Unpackers unpackers, Pins pins) {
    static StoreParts over(StoreDirs dirs) {
        return new StoreParts(dirs, new BlobStore(dirs), new LayerStore(dirs), new LayerJobs(), new Unpackers(), new Pins());
    }
}
